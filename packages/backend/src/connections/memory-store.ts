import type { ConnectionRecord, ConnectionStore } from './connection-store.ts';

/** Records in this process's memory: lost at its end, unseen by other processes. */
export function memoryStore(): ConnectionStore {
  const records = new Map<string, ConnectionRecord>();
  const byUser = new Map<string, Map<string, ConnectionRecord>>();

  function remove(connectionId: string): void {
    const record = records.get(connectionId);
    if (record === undefined) return;
    records.delete(connectionId);
    const connections = byUser.get(record.user_id);
    connections?.delete(connectionId);
    if (connections?.size === 0) byUser.delete(record.user_id);
  }

  return {
    async save(record) {
      remove(record.connection_id);
      records.set(record.connection_id, record);
      const connections = byUser.get(record.user_id);
      if (connections) connections.set(record.connection_id, record);
      else byUser.set(record.user_id, new Map([[record.connection_id, record]]));
    },
    async find(connectionId) {
      return records.get(connectionId);
    },
    async findByUser(userId) {
      // Insertion order breaks ties: `connected_at` knows only whole seconds.
      const connections = [...(byUser.get(userId)?.values() ?? [])];
      return connections.sort((a, b) => compare(a.connected_at, b.connected_at));
    },
    async list({ after, limit }) {
      const ids = [...records.keys()].filter((id) => after === undefined || id > after);
      return ids
        .sort(compare)
        .slice(0, limit)
        .map((id) => records.get(id)!);
    },
    async remove(connectionId) {
      remove(connectionId);
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
