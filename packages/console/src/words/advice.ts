/** By the rule's name: what whoever met it can do. Rules that explain themselves have none. */
export const advice: Readonly<Record<string, string>> = {
  'stage-not-found':
    'Check the URL: it ends in the stage’s name, or in the API id and the stage’s name. The stage needs a deployment.',
  'backend-refused':
    'The backend of $connect decides who comes in. See what it answered under “backend response”, and whether the token in the query was the right one.',
  'backend-unreachable':
    'Start the backend, or correct the integration’s URL on the page APIs and deploy.',
  'backend-timeout':
    'Answer sooner and push the result later, or raise timeoutInMillis (at most 29000).',
  'route-not-found':
    'Add the route, or a $default route, and deploy. “route selection” shows what the message chose.',
  'integration-missing': 'Give the route an integration on the page APIs, and deploy.',
  'connection-gone':
    'Nothing is wrong: the client has left. Delete the connection’s record in your database when a push answers 410.',
  'message-not-json':
    'The selection or a mapping reads from JSON: send JSON, or leave the mapping out.',
  'policy-allows-not':
    'Add the action and the resource to a policy of the user: execute-api:ManageConnections for pushes.',
  'function-failed': 'The function’s own log has the error.',
};
