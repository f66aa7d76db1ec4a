import { describeRule } from '../../../../test/describe-rule.js'
import { policyForPublic } from './index.js'

describeRule(policyForPublic, import.meta.url, { severity: 'info', fixable: true })
