/** Who is signed in, as the frame around a page shows them. */
export interface FrameUser {
  name: string;
  email: string;
  /** They look after the installation, on a page of its own. */
  is_platform_admin: boolean;
}
