import { describeAttack } from '../../../../test/describe-attack.js'
import { ownerlessDelete } from './index.js'

describeAttack(ownerlessDelete, import.meta.url)
