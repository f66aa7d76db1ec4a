import { describeAttack } from '../../../../test/describe-attack.js'
import { selfGrant } from './index.js'

describeAttack(selfGrant, import.meta.url)
