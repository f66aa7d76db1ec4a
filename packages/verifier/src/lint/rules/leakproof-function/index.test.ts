import { describeRule } from '../../../../test/describe-rule.js'
import { leakproofFunction } from './index.js'

describeRule(leakproofFunction, import.meta.url, { severity: 'error', fixable: true })
