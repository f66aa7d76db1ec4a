import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedSettingDelete } from './index.js'

describeAttack(forgedSettingDelete, import.meta.url)
