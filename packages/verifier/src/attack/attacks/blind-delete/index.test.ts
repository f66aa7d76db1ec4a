import { describeAttack } from '../../../../test/describe-attack.js'
import { blindDelete } from './index.js'

describeAttack(blindDelete, import.meta.url)
