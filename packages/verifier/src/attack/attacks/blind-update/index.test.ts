import { describeAttack } from '../../../../test/describe-attack.js'
import { blindUpdate } from './index.js'

describeAttack(blindUpdate, import.meta.url)
