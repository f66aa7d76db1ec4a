/** How results name the tool that made them. A test holds the version equal to package.json. */
export const toolName = 'watertight'
export const toolVersion = '0.1.0'
