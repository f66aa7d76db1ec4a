import { describeAttack } from '../../../../test/describe-attack.js'
import { forgedToken } from './index.js'

describeAttack(forgedToken, import.meta.url)
