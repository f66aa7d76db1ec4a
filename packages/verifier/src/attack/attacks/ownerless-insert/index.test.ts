import { describeAttack } from '../../../../test/describe-attack.js'
import { ownerlessInsert } from './index.js'

describeAttack(ownerlessInsert, import.meta.url)
