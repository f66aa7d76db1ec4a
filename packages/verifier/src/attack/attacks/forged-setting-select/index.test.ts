import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedSettingSelect } from './index.js'

describeAttack(forgedSettingSelect, import.meta.url)
