import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedSettingUpdate } from './index.js'

describeAttack(forgedSettingUpdate, import.meta.url)
