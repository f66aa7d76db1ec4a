import { describeRule } from '../../../../test/describe-rule.js'
import { credentialColumn } from './index.js'

describeRule(credentialColumn, import.meta.url, { severity: 'warning', fixable: true })
