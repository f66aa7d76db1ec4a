import { describeAttack } from '../../../../test/describe-attack.js'
import { collidingKey } from './index.js'

describeAttack(collidingKey, import.meta.url)
