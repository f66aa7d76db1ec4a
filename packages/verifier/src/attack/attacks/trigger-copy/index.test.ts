import { describeAttack } from '../../../../test/describe-attack.js'
import { triggerCopy } from './index.js'

describeAttack(triggerCopy, import.meta.url)
