import { describeAttack } from '../../../../test/describe-attack.js'
import { magicContext } from './index.js'

describeAttack(magicContext, import.meta.url)
