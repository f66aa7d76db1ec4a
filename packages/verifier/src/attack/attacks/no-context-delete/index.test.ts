import { describeAttack } from '../../../../test/describe-attack.js'
import { noContextDelete } from './index.js'

describeAttack(noContextDelete, import.meta.url)
