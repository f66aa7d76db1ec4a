import { describeAttack } from '../../../../test/describe-attack.js'
import { roleChange } from './index.js'

describeAttack(roleChange, import.meta.url)
