import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedSettingInsert } from './index.js'

describeAttack(forgedSettingInsert, import.meta.url)
