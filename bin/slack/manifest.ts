// The Slack app in the form that Slack's "create from a manifest" takes. https://docs.slack.dev/reference/app-manifest
import type { AppsManifestCreateArguments } from '@slack/web-api'
import { SCOPE_NAMES } from './scopes.ts'

/** `requestUrl`: where Slack sends clicks. */
export const manifest = (requestUrl: string, name = 'Tocsin') =>
  ({
    display_information: {
      name,
      description: 'One incident, its probable cause, one message that stays true',
      background_color: '#1f2430',
    },
    features: { bot_user: { display_name: name.toLowerCase(), always_online: true } },
    oauth_config: { scopes: { bot: SCOPE_NAMES } },
    settings: {
      interactivity: { is_enabled: true, request_url: requestUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  }) satisfies AppsManifestCreateArguments['manifest']

type Yaml = string | boolean | Yaml[] | { [key: string]: Yaml }

/** The little YAML that a manifest needs: objects, lists and scalars, each written as JSON, which is valid YAML. */
export function yaml(value: Yaml, indent = ''): string {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${JSON.stringify(item)}\n`).join('')
  if (typeof value !== 'object') return `${indent}${JSON.stringify(value)}\n`
  return Object.entries(value)
    .map(([key, item]) =>
      typeof item === 'object'
        ? `${indent}${key}:\n${yaml(item, `${indent}  `)}`
        : `${indent}${key}: ${JSON.stringify(item)}\n`,
    )
    .join('')
}
