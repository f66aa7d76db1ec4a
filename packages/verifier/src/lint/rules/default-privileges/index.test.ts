import { describeRule } from '../../../../test/describe-rule.js'
import { defaultPrivileges } from './index.js'

describeRule(defaultPrivileges, import.meta.url, { severity: 'warning', fixable: true })
