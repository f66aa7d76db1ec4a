import { platformTenancy } from './src/tenancy.js'

export default platformTenancy(process.env['PLATFORM_ROLE_PREFIX'] ?? 'platform')
