import { describeAttack } from '../../../../test/describe-attack.js'
import { noContextSelect } from './index.js'

describeAttack(noContextSelect, import.meta.url)
