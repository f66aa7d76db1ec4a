/** Phrases that open a statement in SQL but no sentence in English. `◊` stands for a `${…}`. */
const statements = [
  /^select\s[\s\S]*\bfrom\s/,
  /^select\s+[\w.◊]+\(/,
  /^with\s+(recursive\s+)?[\w◊"]+\s+as\s*(materialized\s*)?\(/,
  /^insert\s+into\s/,
  /^merge\s+into\s/,
  /^update\s+(only\s+)?\S+\s+set\s/,
  /^delete\s+from\s/,
  /^(create|alter|drop)\s+(or\s+replace\s+)?((unique|temp|temporary|unlogged|materialized|foreign|event|restrictive)\s+)?(aggregate|constraint|database|default\s+privileges|domain|extension|function|index|operator|owned|policy|procedure|publication|role|rule|schema|sequence|server|subscription|system|table|tablespace|trigger|type|user|view)\b/,
  /^(grant|revoke)\s[\s\S]+\s(to|from)\s/,
  /^set\s+(local|session|role|constraints)\b/,
  /^set\s+[\w.◊"]+\s*(=|\bto\b)/,
  /^reset\s+\S+$/,
  /^truncate\s/,
  /^lock\s+table\s/,
  /^comment\s+on\s+(column|constraint|function|policy|role|schema|table|trigger|view)\b/,
  /^reassign\s+owned\b/,
  /^(savepoint|rollback\s+to(\s+savepoint)?|release(\s+savepoint)?|listen|notify|unlisten)\s+["◊\w]+;?$/,
  /^(begin|start)\s+(transaction|isolation)\b/,
  /^(copy|call|execute|prepare|deallocate|cluster|vacuum|analyze|refresh\s+materialized\s+view)\s+["◊]/,
]

const message =
  'SQL with names or values pasted in. Build it with the tag `sql` and the functions of `watertight/sql`, or use $1 parameters.'

/** Whether a text, in which `◊` stands for what is pasted in, reads as the start of a statement. */
export function looksLikeSql(text) {
  const normalised = text.replace(/^(\s|--[^\n]*\n)+/, '').toLowerCase()
  return statements.some((statement) => statement.test(normalised))
}

/** Text for people, which may well read `create table app.notes`. */
const proseProperties = new Set(['description', 'hint', 'message', 'summary', 'title'])

function isProse(parent) {
  return parent?.type === 'Property' && proseProperties.has(parent.key?.name)
}

function isSqlTag(parent) {
  if (parent?.type !== 'TaggedTemplateExpression') return false
  return parent.tag.type === 'Identifier' && parent.tag.name === 'sql'
}

function partsOf(node) {
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    return [...partsOf(node.left), ...partsOf(node.right)]
  }
  if (node.type === 'Literal' && typeof node.value === 'string') return [node.value]
  if (node.type === 'TemplateLiteral') {
    return [node.quasis.map(({ value }) => value.cooked ?? value.raw).join('◊')]
  }
  return ['◊']
}

/** Reports template strings and concatenations that paste something into SQL text. */
export const noSqlInterpolation = {
  meta: {
    type: 'problem',
    docs: { description: 'Disallow SQL text built outside packages/watertight/src/sql' },
  },
  create(context) {
    return {
      TemplateLiteral(node) {
        if (node.expressions.length === 0 || isSqlTag(node.parent)) return
        if (isProse(node.parent)) return
        if (looksLikeSql(partsOf(node).join(''))) context.report({ node, message })
      },
      BinaryExpression(node) {
        if (node.operator !== '+' || node.parent?.type === 'BinaryExpression') return
        if (isProse(node.parent)) return
        const text = partsOf(node).join('')
        if (text.includes('◊') && looksLikeSql(text)) context.report({ node, message })
      },
    }
  },
}
