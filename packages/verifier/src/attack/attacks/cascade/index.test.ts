import { describeAttack } from '../../../../test/describe-attack.js'
import { cascade } from './index.js'

describeAttack(cascade, import.meta.url)
