// The one file you write: your services, who depends on whom, and which alarms are whose. This one holds the services of the two incidents that
// `npm start` plays.
import { defineConfig } from './lambda/config.ts'

export default defineConfig({
  slack: { channel: '#incidents' },
  timeZone: 'UTC',
  services: {
    'message-broker': { title: 'Message broker', kind: 'queue', alarms: [{ dimensions: { Broker: 'studio-broker' } }] },
    'core-db': {
      title: 'Core database',
      kind: 'database',
      alarms: [{ dimensions: { DBInstanceIdentifier: 'core-db' } }],
    },
    athena: { title: 'Athena', dependsOn: ['core-db'], alarms: [{ dimensions: { ServiceName: 'athena' } }] },
    'campaign-worker': {
      title: 'Campaign worker',
      dependsOn: ['message-broker'],
      alarms: [{ dimensions: { ServiceName: 'campaign-worker' } }],
    },
    'email-sender': {
      title: 'E-mail sender',
      dependsOn: ['message-broker'],
      alarms: [{ dimensions: { ServiceName: 'email-sender' } }],
    },
    'studio-api': {
      title: 'Studio API',
      dependsOn: ['message-broker', 'athena', 'core-db'],
      alarms: [{ dimensions: { ServiceName: 'studio-api' } }],
    },
    'studio-web': {
      title: 'Studio web',
      kind: 'load-balancer',
      dependsOn: ['studio-api'],
      statusPage: ['Studio'],
      alarms: [{ dimensions: { LoadBalancer: 'app/studio/*' } }],
    },
    'web-experience': {
      title: 'Web Experience',
      dependsOn: ['athena'],
      alarms: [{ dimensions: { ServiceName: 'web-experience' } }],
    },
    billing: { title: 'Billing', alarms: [{ dimensions: { ServiceName: 'billing' } }] },
  },
})
