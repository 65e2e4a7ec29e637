/** The files the studio takes. Written by proto/schemas.py. */
export const EXTENSIONS: Record<'image' | 'video' | 'audio', readonly string[]> =
  {"image": ["png", "jpg", "jpeg", "jfif", "webp", "avif", "heic", "heif", "hif", "gif", "tif", "tiff", "bmp"], "video": ["mp4", "m4v", "mov", "3gp", "3g2", "ts", "mts", "m2ts", "webm", "mkv", "avi"], "audio": ["m4a", "mp4", "m4b", "mov", "3gp", "webm", "mka", "mkv", "wav", "aiff", "aif", "aifc", "mp3", "aac", "flac", "ogg", "oga", "opus"]}
