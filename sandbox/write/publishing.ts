import { type CollectionSpec, collectionAt } from "../collections.ts";
import type { GraphObject } from "../json.ts";
import type { TenantStore } from "../store.ts";

const APPS = "deviceAppManagement/mobileApps";

function appsOf(): CollectionSpec {
  const spec = collectionAt(APPS);
  if (!spec) throw new Error(`The sandbox has no collection ${APPS}.`);
  return spec;
}

/**
 * Intune publishes a new app by itself, a while after it was made. Source: learn.microsoft.com, graph/api/resources,
 * intune-apps-mobileapp, `publishingState`: an app can be assigned only once it is published.
 */
export class Publishing {
  /** How long it takes, in milliseconds. */
  lasts = 0;
  readonly #store: TenantStore;
  /** When which app will be published, as of `Date.now`. */
  readonly #due = new Map<string, number>();

  constructor(store: TenantStore) {
    this.#store = store;
  }

  /** What a new object says of itself where it is an app that is still to be published. */
  begun(path: string, object: GraphObject): GraphObject {
    if (path !== APPS || this.lasts === 0) return object;
    this.#due.set(String(object.id), Date.now() + this.lasts);
    return { ...object, publishingState: "processing" };
  }

  /** Publishes the apps whose time has come. */
  publish(which: "due" | "all" = "due"): void {
    for (const [id, at] of this.#due) {
      if (which === "due" && at > Date.now()) continue;
      this.#due.delete(id);
      const store = this.#store.collection(appsOf());
      const index = store.find(id);
      if (index !== undefined)
        this.#store.put(appsOf(), { ...store.whole(index), id, publishingState: "published" });
    }
  }

  reset(): void {
    this.lasts = 0;
    this.#due.clear();
  }
}
