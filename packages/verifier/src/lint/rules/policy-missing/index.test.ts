import { describeRule } from '../../../../test/describe-rule.js'
import { policyMissing } from './index.js'

describeRule(policyMissing, import.meta.url, { severity: 'info', fixable: false })
