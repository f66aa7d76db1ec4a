import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { SecretOnce } from '../details/secret-once.js'
import type { Column } from '../lists/column.js'
import { actionColumn } from '../lists/columns.js'
import { ConfirmModal } from './confirm-modal.js'
import type { Field, FormValues } from './field.js'
import { FormModal } from './form-modal.js'

interface MakeAndEnd<Item> {
  readonly make: {
    readonly title: string
    readonly fields: readonly Field[]
    readonly submit: string
    /** Resolves to what is shown once, if there is such a thing; rejects with the API's problem. */
    readonly onSubmit: (values: FormValues) => Promise<string | null | undefined>
    /** Of the dialogue that shows it. */
    readonly secretTitle?: string
  }
  readonly end: {
    readonly title: string
    /** What has to be typed. */
    readonly nameOf: (item: Item) => string
    readonly confirm: string
    /** What will happen. */
    readonly text: string
    readonly onConfirm: (item: Item) => Promise<unknown>
  }
}

/** How a page opens the dialogues, and the dialogues themselves. */
export interface MakeAndEndDialogues<Item> {
  startMaking(): void
  startEnding(item: Item): void
  /** A button in each row that can be ended; `label` names it for screen readers. */
  endColumn(canEnd: (item: Item) => boolean, label?: (item: Item) => string): Column<Item>
  /** To be shown beside the list. */
  readonly dialogues: ReactNode
}

/**
 * The order of lists of keys, tokens, invitations and guests: one is made in a form, its secret is shown
 * this once, and it is ended by typing its name.
 *
 * @example
 * const keys = useMakeAndEnd<ApiKey>({ make: { title: 'Make an API key', … }, end: { … } })
 */
export function useMakeAndEnd<Item>({ make, end }: MakeAndEnd<Item>): MakeAndEndDialogues<Item> {
  const [isMaking, setMaking] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [ended, setEnded] = useState<Item | null>(null)
  const { nameOf, confirm } = end
  return {
    startMaking: () => setMaking(true),
    startEnding: (item) => setEnded(() => item),
    endColumn: (canEnd, label = (item) => `${confirm} ${nameOf(item)}`) =>
      actionColumn((item) =>
        canEnd(item) ? (
          <Button
            size="xs"
            variant="default"
            aria-label={label(item)}
            onClick={() => setEnded(() => item)}
          >
            {confirm} …
          </Button>
        ) : null,
      ),
    dialogues: (
      <>
        {isMaking && (
          <FormModal
            title={make.title}
            fields={make.fields}
            submit={make.submit}
            onSubmit={async (values) => setSecret((await make.onSubmit(values)) ?? null)}
            onClose={() => setMaking(false)}
          />
        )}
        {secret !== null && (
          <SecretOnce
            title={make.secretTitle ?? make.title}
            secret={secret}
            onClose={() => setSecret(null)}
          />
        )}
        {ended !== null && (
          <ConfirmModal
            title={end.title}
            name={nameOf(ended)}
            confirm={confirm}
            onConfirm={() => end.onConfirm(ended)}
            onClose={() => setEnded(null)}
          >
            {end.text}
          </ConfirmModal>
        )}
      </>
    ),
  }
}
