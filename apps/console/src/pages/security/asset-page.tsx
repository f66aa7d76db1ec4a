import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { Time } from '../../details/time.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { AssetStatus } from './asset-status.js'

/** One asset. */
export function Page(): ReactNode {
  const path = { assetId: useParam('assetId') }
  const { data: asset, error } = useQueries().useQuery('get', '/api/v1/assets/{assetId}', {
    params: { path },
  })
  const mayWrite = useMay('assets.write')
  const { fetch } = useApi()
  const action = useAction()
  const [isRetiring, setRetiring] = useState(false)
  if (error !== null) return <PageProblem error={error} what="asset" />
  if (asset === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/assets', title: 'Assets' }}
      title={asset.displayName}
      badge={<AssetStatus status={asset.status} />}
      actions={
        mayWrite && (
          <>
            {asset.status === 'pending' && (
              <Button
                onClick={() =>
                  action.start(
                    () => fetch.POST('/api/v1/assets/{assetId}/approve', { params: { path } }),
                    'The asset was approved.',
                  )
                }
              >
                Approve
              </Button>
            )}
            {asset.status !== 'retired' && (
              <Button variant="default" onClick={() => setRetiring(true)}>
                Retire …
              </Button>
            )}
          </>
        )
      }
    >
      <Facts
        facts={[
          ['Host name', asset.hostname],
          ['Kind', asset.kind],
          ['Address', asset.address],
          ['Hardware address', asset.hardwareAddress],
          ['Serial number', asset.serialNumber],
          ['Tags', asset.tags.join(', ') || null],
          ['Entered', <Time key="entered" at={asset.createdAt} />],
          ['Approved', <Time key="approved" at={asset.approvedAt} />],
          ['Last seen', <Time key="seen" at={asset.lastSeenAt} />],
        ]}
      />
      {isRetiring && (
        <ConfirmModal
          title="Retire this asset?"
          name={asset.hostname}
          confirm="Retire"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/assets/{assetId}/retire', { params: { path } }),
              'The asset was retired.',
            )
          }
          onClose={() => setRetiring(false)}
        >
          It is taken out of use for good, and its host name becomes free for another.
        </ConfirmModal>
      )}
    </DetailPage>
  )
}
