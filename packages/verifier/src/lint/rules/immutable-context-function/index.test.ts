import { describeRule } from '../../../../test/describe-rule.js'
import { immutableContextFunction } from './index.js'

describeRule(immutableContextFunction, import.meta.url, { severity: 'error', fixable: true })
