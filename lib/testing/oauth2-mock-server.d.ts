/** What tests use of the OpenID provider, so that types can be checked where it is not installed yet. */
declare module "oauth2-mock-server" {
  export enum Events {
    BeforeTokenSigning = "beforeTokenSigning",
  }
  export class OAuth2Server {
    readonly issuer: { url: string | undefined; keys: { generate(algorithm: string): Promise<unknown> } };
    readonly service: {
      on(event: Events, change: (token: { payload: Record<string, unknown> }) => void): unknown;
    };
    start(port?: number, host?: string): Promise<void>;
    stop(): Promise<void>;
  }
}
