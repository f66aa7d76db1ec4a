import { describe, expect, it } from 'vitest'
import { splitStatements } from './split-statements.js'

const texts = (script: string): string[] => [...splitStatements(script)].map(({ text }) => text)

describe('splitting a script', () => {
  it.each([
    ['plain statements', 'select 1; select 2;', ['select 1', 'select 2']],
    ['one without semicolon', 'select 1', ['select 1']],
    ['empty ones', ';; -- nothing\n;', []],
    ['quotes', `select ';', "a;b"; select 2`, [`select ';', "a;b"`, 'select 2']],
    ['doubled quotes', `select 'it''s;'; select 2`, [`select 'it''s;'`, 'select 2']],
    ['escape strings', `select E'\\';'; select 2`, [`select E'\\';'`, 'select 2']],
    [
      'dollar quotes',
      'do $x$ begin; $$; end $x$; select 2',
      ['do $x$ begin; $$; end $x$', 'select 2'],
    ],
    ['a parameter that looks like one', 'select $1; select $2', ['select $1', 'select $2']],
    ['line comments', "-- don't;\nselect 1; -- end\nselect 2", ['select 1', 'select 2']],
    ['nested comments', '/* a /* ; */ ; */ select 1; select 2', ['select 1', 'select 2']],
    [
      'rules with several actions',
      'create rule r as on insert to t do also (insert into a values (1); insert into b values (2)); select 1',
      [
        'create rule r as on insert to t do also (insert into a values (1); insert into b values (2))',
        'select 1',
      ],
    ],
    [
      'bodies of SQL-standard functions',
      'create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
      [
        'create function f() returns int begin atomic select case when true then 1 end; select 2; end',
        'select 3',
      ],
    ],
    ['an ordinary transaction', 'begin; select 1; end;', ['begin', 'select 1', 'end']],
    [
      'commands of psql',
      '\\restrict abc\nselect 1;\n\\connect app\n',
      ['\\restrict abc', 'select 1', '\\connect app'],
    ],
    ['unfinished quotes', "select 'a; select 2", ["select 'a; select 2"]],
  ])('keeps %s together', (_what, script, expected) => {
    expect(texts(script)).toEqual(expected)
  })

  it('hands over the rows of COPY, whatever they hold', () => {
    const parts = [
      ...splitStatements("copy a from stdin;\n1\tit's; \\\\.\n2\t\\N\n\\.\n\nselect 1;"),
    ]
    expect(parts).toMatchObject([
      { kind: 'statement', text: 'copy a from stdin', copyData: "1\tit's; \\\\.\n2\t\\N\n" },
      { kind: 'statement', text: 'select 1', copyData: null },
    ])
  })

  it('says where each starts', () => {
    const script = '-- one\nselect 1;\n  select 2;'
    expect([...splitStatements(script)].map(({ start }) => script.slice(start, start + 8))).toEqual(
      ['select 1', 'select 2'],
    )
  })
})
