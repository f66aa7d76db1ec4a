import { describeRule } from '../../../../test/describe-rule.js'
import { settingDefault } from './index.js'

describeRule(settingDefault, import.meta.url, { severity: 'error', fixable: true })
