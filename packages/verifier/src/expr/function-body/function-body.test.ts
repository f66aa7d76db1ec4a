import { beforeAll, describe, expect, it } from 'vitest'
import { parseExpression, parseSelect } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { parseArgumentDefaults } from './argument-defaults.js'
import { parameterNames } from './parameter-names.js'
import { parsePlpgsqlBody } from './plpgsql-body.js'
import { parseSqlFunctionBody } from './sql-body.js'

beforeAll(loadParser)

const facts = { returns: 'boolean', argNames: ['t', ''] }

function plpgsql(body: string, signature = 'f(t uuid) RETURNS boolean'): unknown {
  return parsePlpgsqlBody(`CREATE FUNCTION ${signature} LANGUAGE plpgsql AS $body$${body}$body$`)
}

describe('a SQL body', () => {
  it('is a list of queries', () => {
    const text = 'SELECT set_config($$a$$, $1, true); SELECT t = $2'
    expect(parseSqlFunctionBody(text, facts)).toEqual({
      kind: 'sql-body',
      statements: text.split('; ').map((query) => ({ kind: 'query', select: parseSelect(query) })),
      argNames: ['t', null],
      returns: 'boolean',
    })
  })

  it.each([
    ['RETURN t IS NULL', { kind: 'return', value: 't IS NULL' }],
    ['BEGIN ATOMIC\n SELECT t;\nEND', { kind: 'query', value: 'SELECT t' }],
  ])("is read in the standard's form: %s", (text, { kind, value }) => {
    const { statements } = parseSqlFunctionBody(text, facts)
    expect(statements).toEqual([
      kind === 'return'
        ? { kind, value: parseExpression(value) }
        : { kind, select: parseSelect(value) },
    ])
  })

  it('keeps a statement that changes data as opaque', () => {
    const { statements } = parseSqlFunctionBody('DELETE FROM a; SELECT true', facts)
    expect(statements.map(({ kind }) => kind)).toEqual(['opaque', 'query'])
  })

  it('is refused when something follows a body in the standard form', () => {
    expect(() => parseSqlFunctionBody('RETURN 1 LANGUAGE plpgsql', facts)).toThrow(
      expect.objectContaining({ code: 'UNPARSABLE_SQL' }),
    )
  })
})

describe('a PL/pgSQL body', () => {
  it('is its variables and statements in order', () => {
    const body = plpgsql(`
      DECLARE
        uid uuid := auth.uid();
        n CONSTANT integer NOT NULL DEFAULT 3;
        member record;
      BEGIN
        IF uid IS NULL THEN
          RAISE NOTICE 'nobody';
          RETURN false;
        ELSIF n > 2 THEN
          uid := NULL; -- a comment
        ELSE
          RAISE EXCEPTION 'no %', n;
        END IF;
        PERFORM set_config('x', 'y', true);
        SELECT m.role INTO STRICT uid FROM app.members m WHERE m.user_id = uid;
        SELECT * INTO member FROM app.members;
        RETURN FOUND AND uid = t;
      END`)
    expect(body).toEqual({
      kind: 'plpgsql-body',
      argNames: ['t'],
      outNames: [],
      implicitNames: ['found'],
      variables: [
        {
          name: 'uid',
          type: { schema: null, name: 'uuid', modifiers: [], dimensions: [] },
          typeText: 'uuid',
          initial: parseExpression('auth.uid()'),
          constant: false,
          notNull: false,
        },
        {
          name: 'n',
          type: { schema: 'pg_catalog', name: 'int4', modifiers: [], dimensions: [] },
          typeText: 'integer',
          initial: parseExpression('3'),
          constant: true,
          notNull: true,
        },
        {
          name: 'member',
          type: null,
          typeText: 'record',
          initial: null,
          constant: false,
          notNull: false,
        },
      ],
      statements: [
        {
          kind: 'if',
          branches: [
            {
              condition: parseExpression('uid IS NULL'),
              body: [
                { kind: 'raise', level: 'message' },
                { kind: 'return', value: parseExpression('false') },
              ],
            },
            {
              condition: parseExpression('n > 2'),
              body: [{ kind: 'assign', variable: 'uid', value: parseExpression('NULL') }],
            },
          ],
          otherwise: [{ kind: 'raise', level: 'exception' }],
        },
        { kind: 'perform', select: parseSelect("SELECT set_config('x', 'y', true)") },
        {
          kind: 'select-into',
          select: parseSelect('SELECT m.role FROM app.members m WHERE m.user_id = uid'),
          targets: ['uid'],
          record: false,
          strict: true,
        },
        {
          kind: 'select-into',
          select: parseSelect('SELECT * FROM app.members'),
          targets: ['member'],
          record: true,
          strict: false,
        },
        { kind: 'return', value: parseExpression('found AND uid = t') },
      ],
    })
  })

  it('names the variable of a bare RETURN', () => {
    expect(plpgsql('DECLARE "My x" int; BEGIN "My x" := 1; RETURN "My x"; END')).toMatchObject({
      statements: [
        { kind: 'assign', variable: 'My x' },
        { kind: 'return', value: { kind: 'column', name: 'My x' } },
      ],
    })
  })

  it('keeps rows and OUT arguments apart from results', () => {
    const body = plpgsql(
      'BEGIN RETURN QUERY SELECT m.id FROM m; IF NOT FOUND THEN RETURN; END IF; END',
      'f(a int, INOUT b int, OUT c text) RETURNS SETOF record',
    )
    expect(body).toMatchObject({
      argNames: ['a', 'b'],
      outNames: ['b', 'c'],
      statements: [
        { kind: 'return-query' },
        { kind: 'if', branches: [{ body: [{ kind: 'return', value: null }] }] },
      ],
    })
  })

  it('keeps the handlers of a block', () => {
    const body = plpgsql('BEGIN RETURN t IS NULL; EXCEPTION WHEN others THEN RETURN false; END')
    const back = (text: string): object => ({ kind: 'return', value: parseExpression(text) })
    expect(body).toMatchObject({
      statements: [{ kind: 'block', body: [back('t IS NULL')], handlers: [[back('false')]] }],
    })
  })

  it('reads a CASE statement as IF, which fails where no branch is taken', () => {
    const body = plpgsql('BEGIN CASE WHEN t IS NULL THEN RETURN false; END CASE; END')
    expect(body).toMatchObject({
      statements: [
        {
          kind: 'if',
          branches: [{ condition: parseExpression('t IS NULL') }],
          otherwise: [{ kind: 'raise', level: 'exception' }],
        },
      ],
    })
  })

  it('reads the defaults of arguments', () => {
    expect(parseArgumentDefaults("a uuid, b text DEFAULT 'x'::text, OUT c int")).toEqual([
      null,
      parseExpression("'x'::text"),
    ])
  })

  it('lists everything that its expressions may name', () => {
    const body = plpgsql('DECLARE v int; BEGIN o := true; END', 'f(t uuid, OUT o bool)')
    expect(body).toMatchObject({ kind: 'plpgsql-body' })
    expect(parameterNames(body as Parameters<typeof parameterNames>[0], 'f')).toEqual({
      functionName: 'f',
      names: ['t', 'o', 'found', 'v'],
      whenColumn: 'error',
    })
  })

  it.each([
    ["EXECUTE 'DROP TABLE x'", 'EXECUTE of dynamic SQL'],
    ['FOR i IN 1..2 LOOP NULL; END LOOP', 'a loop'],
    ['DELETE FROM x', 'a statement that changes data'],
    ['INSERT INTO x VALUES (1) RETURNING 1 INTO STRICT t', 'the text is not a single query'],
  ])('keeps what is not straight-line as opaque: %s', (statement, reason) => {
    const body = plpgsql(`BEGIN ${statement}; RETURN false; END`)
    expect(body).toMatchObject({
      statements: [{ kind: 'opaque', reason }, { kind: 'return' }],
    })
  })

  it.each([
    ['#variable_conflict use_column\nBEGIN RETURN true; END', '#variable_conflict'],
    ['DECLARE t int; BEGIN RETURN t; END', 'a variable that hides another'],
    [
      'DECLARE a int; BEGIN a := 2; DECLARE b int := a; BEGIN RETURN b; END; END',
      'a block in a block with initial values',
    ],
  ])('is opaque where names or order cannot be told: %s', (body, reason) => {
    expect(plpgsql(body)).toMatchObject({ kind: 'opaque', reason })
  })
})
