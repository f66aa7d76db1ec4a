import { describeAttack } from '../../../../test/describe-attack.js'
import { ownerlessUpdate } from './index.js'

describeAttack(ownerlessUpdate, import.meta.url)
