import { describeRule } from '../../../../test/describe-rule.js'
import { policyErrorOracle } from './index.js'

describeRule(policyErrorOracle, import.meta.url, { severity: 'warning', fixable: false })
