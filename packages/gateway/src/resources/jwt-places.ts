/** How the settings of a stage name places of tokens and of keys. */

/** What a setting that says where tokens are may hold. */
export const TOKEN_SOURCE =
  /^(?:route\.request\.(?:header|querystring)\.[A-Za-z0-9._-]{1,64}|protocol\.[A-Za-z0-9._-]{1,64})$/;

/** A URL, or the path of a JSON file that cannot lead out of its folder. */
export const KEYS_PLACE =
  /^(?:https?:\/\/[^\s/?#]+[^\s#]*|(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\w./-]+\.json)$/;
