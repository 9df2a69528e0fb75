import { type PosternApi, posternApi } from './postern-file.ts';

/**
 * The API of `postern dev --backend URL`: the three routes of the integration guide, connectionId
 * mapped to a header, stage `production`. `backendBase` is an http(s) URL; its path is kept.
 */
export function newcomerApi(backendBase: string): PosternApi {
  const base = backendBase.replace(/\/+$/, '');
  return posternApi('default', {
    routes: {
      $connect: `${base}/ws/connect`,
      $disconnect: `${base}/ws/disconnect`,
      $default: `${base}/ws/message`,
    },
  });
}
