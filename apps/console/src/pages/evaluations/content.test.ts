import { expect, test } from 'vitest'
import { emptyQuestion, freeOptionKey, toContent, toDraft } from './content.js'

const content = {
  timeLimitMinutes: 30,
  questions: [
    {
      key: 'q1',
      kind: 'single_choice',
      text: 'Which gas?',
      points: 2,
      options: [
        { key: 'a', text: 'Oxygen' },
        { key: 'b', text: 'Helium' },
      ],
      correct: 'b',
    },
    {
      key: 'q4',
      kind: 'multiple_choice',
      text: 'Which metals?',
      points: 1,
      options: [
        { key: 'a', text: 'Iron' },
        { key: 'c', text: 'Tin' },
      ],
      correct: ['a', 'c'],
    },
    { key: 'q2', kind: 'text', text: 'Why?', points: 5 },
  ],
}

test('content comes back from the editor as it went in', () => {
  expect(toContent(toDraft(content))).toEqual(content)
})

test('a new question gets a key that no other question has had', () => {
  expect(emptyQuestion(toDraft(content).questions).key).toBe('q5')
  expect(emptyQuestion([]).key).toBe('q1')
})

test('a new option gets the first free letter, and none when all are given', () => {
  expect(freeOptionKey(toDraft(content).questions[1]?.options ?? [])).toBe('b')
  const all = [...'abcdefghijklmnopqrstuvwxyz'].map((key) => ({ key, text: '' }))
  expect(freeOptionKey(all)).toBeNull()
})
