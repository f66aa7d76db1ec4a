import { describeRule } from '../../../../test/describe-rule.js'
import { sequenceReadable } from './index.js'

describeRule(sequenceReadable, import.meta.url, { severity: 'warning', fixable: true })
