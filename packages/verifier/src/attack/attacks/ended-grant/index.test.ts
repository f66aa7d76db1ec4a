import { describeAttack } from '../../../../test/describe-attack.js'
import { endedGrant } from './index.js'

describeAttack(endedGrant, import.meta.url)
