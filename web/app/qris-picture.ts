/** Finds the QR code in a picture, on the phone itself: the picture never leaves it. Loaded only when a picture was chosen, since the
 * decoder weighs more than the screen. */
import decodeQR from 'qr/decode.js';

/** Longer sides are made smaller: a photo of 12 megapixels takes a cheap phone seconds, and a code needs far fewer. */
const SIDE_MAX = 1_280;

export type PictureResult =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly reason: 'no_code' | 'not_a_picture' };

/** Reads the code. Never throws. */
export async function readPicture(file: Blob): Promise<PictureResult> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { ok: false, reason: 'not_a_picture' };
  }
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return { ok: false, reason: 'not_a_picture' };
  // See-through pictures are read on white, as they are printed.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  pen.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  try {
    return { ok: true, payload: decodeQR(pen.getImageData(0, 0, width, height)) };
  } catch {
    return { ok: false, reason: 'no_code' };
  }
}
