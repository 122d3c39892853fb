// The one file you write: your services, who depends on whom, and which alarms are whose. This one holds the services of the two incidents that
// `npm start` plays.
import { defineConfig } from './lambda/config.ts'

export default defineConfig({
  slack: { channel: '#incidents' },
  timeZone: 'UTC',
  teams: {
    platform: { title: 'Platform', channel: '#platform' },
    studio: { title: 'Studio', channel: '#studio' },
  },
  services: {
    'message-broker': {
      title: 'Message broker',
      kind: 'queue',
      team: 'platform',
      alarms: [{ dimensions: { Broker: 'studio-broker' } }],
    },
    'core-db': {
      title: 'Core database',
      kind: 'database',
      team: 'platform',
      alarms: [{ dimensions: { DBInstanceIdentifier: 'core-db' } }],
    },
    athena: {
      title: 'Athena',
      team: 'platform',
      dependsOn: ['core-db'],
      alarms: [{ dimensions: { ServiceName: 'athena' } }],
    },
    'campaign-worker': {
      title: 'Campaign worker',
      team: 'studio',
      dependsOn: ['message-broker'],
      alarms: [{ dimensions: { ServiceName: 'campaign-worker' } }],
    },
    'email-sender': {
      title: 'E-mail sender',
      team: 'studio',
      dependsOn: ['message-broker'],
      alarms: [{ dimensions: { ServiceName: 'email-sender' } }],
    },
    'studio-api': {
      title: 'Studio API',
      team: 'studio',
      dependsOn: ['message-broker', 'athena', 'core-db'],
      alarms: [{ dimensions: { ServiceName: 'studio-api' } }],
    },
    'studio-web': {
      title: 'Studio web',
      team: 'studio',
      kind: 'load-balancer',
      dependsOn: ['studio-api'],
      statusPage: ['Studio'],
      alarms: [{ dimensions: { LoadBalancer: 'app/studio/*' } }],
    },
    'web-experience': {
      title: 'Web Experience',
      team: 'studio',
      dependsOn: ['athena'],
      alarms: [{ dimensions: { ServiceName: 'web-experience' } }],
    },
    billing: { title: 'Billing', alarms: [{ dimensions: { ServiceName: 'billing' } }] },
  },
})
