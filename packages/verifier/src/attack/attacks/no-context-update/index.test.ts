import { describeAttack } from '../../../../test/describe-attack.js'
import { noContextUpdate } from './index.js'

describeAttack(noContextUpdate, import.meta.url)
