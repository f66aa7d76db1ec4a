import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedSettingHop } from './index.js'

describeAttack(forgedSettingHop, import.meta.url)
