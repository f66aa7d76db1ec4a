import { describeAttack } from '../../../../test/describe-attack.js'
import { shadowTable } from './index.js'

describeAttack(shadowTable, import.meta.url)
